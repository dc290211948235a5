"""Tokens by spaCy's Indonesian language class, each with its evened-out spelling and its Indonesian sense."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.lexicon import lexicon
from nlu.spacy_language import indonesian

NORM = "norm"
"""Key of a token's data: its evened-out usual spelling; the token's `lemma` is its Indonesian sense."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class IndonesianTokenizer(Tokenizer):
    """Splits and normalizes; start and end count characters of the text as it was written."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._split = indonesian().tokenizer
        self._lexicon = lexicon()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IndonesianTokenizer:
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of the message's attribute; whitespace is no token."""
        return [self._token(t.text, t.idx) for t in self._split(message.get(attribute)) if not t.is_space]

    def _token(self, text: str, start: int) -> Token:
        norm = self._lexicon.spelling(text)
        return Token(text, start, lemma=self._lexicon.gloss(norm) or text, data={NORM: norm})
