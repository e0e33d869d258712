"""What the report and the dashboard share: colours and badges, in light and in dark."""
