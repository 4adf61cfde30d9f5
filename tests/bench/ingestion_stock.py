"""LangChain's stock way of a folder into a vector store, as tutorials write it, for `ingestion_peers.py`."""

import argparse
import json
import shutil
import time
from pathlib import Path

from langchain_community.document_loaders import TextLoader
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_qdrant import QdrantVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest.embed import packaged_folder
from ingest.settings import IngestSettings


def main() -> None:
    """Index a folder; print chunks and seconds, without those of loading the model."""
    parser = argparse.ArgumentParser(description="LangChain's stock way.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("store", type=Path)
    given = parser.parse_args()
    shutil.rmtree(given.store, ignore_errors=True)
    settings = IngestSettings()
    embeddings = HuggingFaceEmbeddings(model_name=packaged_folder())
    embeddings.embed_query("warm")
    began = time.perf_counter()
    documents = [
        document
        for file in sorted(given.corpus.rglob("*.md"))
        for document in TextLoader(str(file), encoding="utf-8").load()
    ]
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=settings.chunk_target, chunk_overlap=settings.chunk_overlap
    )
    chunks = splitter.split_documents(documents)
    store = QdrantVectorStore.from_documents(
        chunks, embeddings, path=str(given.store), collection_name="documents"
    )
    seconds = time.perf_counter() - began
    store.client.close()
    print(json.dumps({"chunks": len(chunks), "seconds": seconds}))  # noqa: T201  # a bench prints


if __name__ == "__main__":
    main()
