"""What each verb does here: one file a verb."""
