"""The settings package. No app imports it: settings are read through django.conf."""
