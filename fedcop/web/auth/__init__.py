"""Coming in and going out: sessions, sign-in, one-time links, invitations."""
