"""The door for browsers and providers: webhooks, web chat, the officers' console, health."""
