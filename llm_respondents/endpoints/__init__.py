"""What is known of endpoints: the operator's file and the dialects that they speak. Pure."""
