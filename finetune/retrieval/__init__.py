"""Models of search, trained on what is searched: the embedder and the reranker."""
