"""Twilio: SMS, WhatsApp, and calls to officers."""
