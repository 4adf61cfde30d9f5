"""From documents and questions to an adapter: datasets, training, cards."""
