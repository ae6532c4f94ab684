"""What a community of practice is and does: one folder a feature, the lower ones first."""
