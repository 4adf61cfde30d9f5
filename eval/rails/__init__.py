"""The rails' quality on labelled texts: a file for each rail's figures."""
