"""The kinds of personal data that the rail `pii` knows, by Presidio's names, which loads slowly itself."""

ENTITIES = frozenset(
    {
        "CREDIT_CARD",
        "CRYPTO",
        "DATE_TIME",
        "DE_ID_CARD",
        "DE_PASSPORT",
        "DE_SOCIAL_SECURITY",
        "DE_TAX_ID",
        "EMAIL_ADDRESS",
        "ES_NIE",
        "ES_NIF",
        "FI_PERSONAL_IDENTITY_CODE",
        "FR_NIR",
        "IBAN_CODE",
        "IN_AADHAAR",
        "IN_PAN",
        "IP_ADDRESS",
        "IT_FISCAL_CODE",
        "MAC_ADDRESS",
        "PHONE_NUMBER",
        "PL_PESEL",
        "SE_PERSONNUMMER",
        "UK_NHS",
        "UK_NINO",
        "URL",
        "US_BANK_NUMBER",
        "US_DRIVER_LICENSE",
        "US_ITIN",
        "US_PASSPORT",
        "US_SSN",
    }
)
"""`FR_NIR` is ours. `US_DRIVER_LICENSE` and `US_PASSPORT` are any country's: words near by tell of them."""
