"""What a reply says: as an object, as words; and what it comes to."""
