"""Questions and answers: articles, retrieval, and the questions nobody could answer yet."""
