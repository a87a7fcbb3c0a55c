"""USSD by gateways that call us over HTTP."""
