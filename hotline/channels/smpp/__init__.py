"""SMS and USSD by a bind to an operator's message centre (SMPP 3.4)."""
