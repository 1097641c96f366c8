"""What the figures say, in words: tested rules from scores to sentences, shared by pages, deck and PDF.

Every rule takes plain values and returns a sentence that those values make true, or a plain noun when there
is nothing to say. Nothing is guessed: what is not known is left out or said to be unknown.
"""
