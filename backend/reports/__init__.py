"""A district about itself: ladder table, rates, assessment, hot spots, load; every figure opens its cases."""
