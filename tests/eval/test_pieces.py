from eval.corpus import Source
from eval.pieces import pieces


def test_documents_are_cut_between_paragraphs():
    text = "\n\n".join(f"{n} " + "word " * 140 for n in range(5))
    cut = list(pieces(Source("a", "A", text)))
    assert [piece.text.split()[0] for piece in cut] == ["0", "2", "4"]
    assert all(len(piece.text) <= 1_520 for piece in cut)
    assert list(pieces(Source("a", "A", "Too short."))) == []
