"""What whoever operates the server can do with the list of endpoints: change it, try one out."""
