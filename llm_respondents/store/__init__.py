"""What the runner reads and writes in the database: leases, outcomes, reservations of money."""
