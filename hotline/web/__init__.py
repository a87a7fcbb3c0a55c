"""What browsers and providers see: webhooks, web chat, the officers' console, health."""
