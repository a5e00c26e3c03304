"""Analysis plans: the file, the declared alternatives, what power is planned for, freezing."""
