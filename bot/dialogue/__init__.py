"""The dialogue: channel-blind flows that turn what a person says into a case, an answer or a person."""
