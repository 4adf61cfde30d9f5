import pytest

from ingest.readers.latex import read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"One \textbf{bold \emph{word}} of~it.", "One bold word of it."),
        ("Seen. % unseen\n100\\% seen", "Seen.\n100% seen"),
        (r"As in \cite{x} and Section \ref{y}\label{z}.", "As in and Section ."),
        (r"\begin{itemize} \item a \item b \end{itemize}", "- a\n- b"),
        (r"\begin{description} \item[Term] meaning \end{description}", "- Term: meaning"),
        (r"Mass: $E = \frac{m}{2}$.", r"Mass: $E = \frac{m}{2}$."),
        ("\\begin{verbatim}\nx  = 1\n\\end{verbatim}", "x  = 1"),
        (r"\input{/etc/passwd}\include{x}words", "words"),
        (
            r"\begin{tabular}{l|c} Plan & Price \\ \hline Basic & 10 \\ \textbf{Pro} & 20 \\ \end{tabular}",
            "Plan: Basic | Price: 10\nPlan: Pro | Price: 20",
        ),
        (r"\begin{center}words\end{center}", "words"),
        (r"\multicolumn{2}{c}{words}", "words"),
        (r"\href{https://x.org}{words}", "words"),
    ],
)
def test_what_is_printed_becomes_text(source, text):
    assert read(source.encode(), "x.tex").text == text


def test_an_equation_stays_as_it_is_written():
    source = "\\begin{equation}\n\\mathbf{E} = -\\frac{a}{b}\n\\end{equation}"
    assert r"\mathbf{E} = -\frac{a}{b}" in read(source.encode(), "x.tex").text


def test_sections_are_headings_below_the_title_and_the_preamble_is_left_out():
    source = (
        r"\documentclass{article}\newcommand{\x}{unseen}\title{A \emph{Study}}\begin{document}\maketitle"
        "\n"
        r"\section{One}\label{s} words \subsection*{Two} more \end{document} unseen"
    )
    extract = read(source.encode(), "x.tex")
    assert extract.title == "A Study"
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "A Study"), (2, "One"), (3, "Two")]
    assert "unseen" not in extract.text
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)


@pytest.mark.parametrize(
    "source", [r"\section{", r"\begin{tabular}{", "{" * 5000, r"\item[", "$" * 99, "\\" * 9]
)
def test_broken_markup_is_read_as_far_as_it_goes(source):
    assert "words" in read(f"words\n\n{source}".encode(), "x.tex").text
