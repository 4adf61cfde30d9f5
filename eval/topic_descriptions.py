"""One sentence for each domain of CLINC150, as the author of a policy would write it."""

CLINC = {
    "banking": (
        "Bank accounts: balances, bills and payments, transfers, transactions, interest and "
        "exchange at the bank, checks, PINs, routing numbers, spending, and blocked accounts."
    ),
    "credit_cards": (
        "Credit cards: credit score, credit limit, interest rate, rewards, applying for a card, "
        "expiry, and cards that are lost, damaged, declined or used abroad."
    ),
    "kitchen_and_dining": (
        "Cooking and eating: recipes, ingredients and substitutes, calories, nutrition, meal "
        "suggestions, cooking time, how long food lasts, and restaurants, reviews and reservations."
    ),
    "home": (
        "Home and errands: shopping lists, to-do lists, reminders, calendar, smart home, music and "
        "playlists, orders and deliveries."
    ),
    "auto_and_commute": (
        "Cars and getting around: fuel and mileage, tires, oil change, maintenance, insurance, "
        "traffic, directions, distance, ride hailing, and public transport."
    ),
    "travel": (
        "Travel: booking flights, hotels and rental cars, luggage, visas, vaccines, plug types, "
        "time zones, exchange rates, translation, travel alerts, and what to see."
    ),
    "utility": (
        "Utilities of an assistant: weather, time, date, alarms, timers, calculator, unit "
        "conversion, definitions, spelling, dice and coins, calls, texts, finding the phone, and "
        "sharing the location."
    ),
    "work": (
        "Work: paid time off, pay day, taxes, income, insurance and benefits, retirement plan, "
        "direct deposit, meetings and meeting rooms."
    ),
    "small_talk": (
        "Small talk with the assistant: greetings, thanks, jokes, fun facts, its name, age, "
        "hobbies, pets, origin, whether it is a bot, and the meaning of life."
    ),
    "meta": (
        "Talking to the device itself: yes, no, maybe, cancel, repeat, change of its name, "
        "language, accent, speed or volume, settings, syncing devices, and whisper mode."
    ),
}
