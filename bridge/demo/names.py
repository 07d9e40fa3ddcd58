"""First and last names for a company of 200, from many places; their pairs are made up."""

from __future__ import annotations

_FIRST = (
    "Aaliyah Adaeze Aiko Alejandra Amara Amir Anaïs Andrej Anneke Arjun Astrid Ayumi Babak Beatriz "
    "Bilal Birgit Bruno Camila Cem Chidi Chloé Ciarán Dalia Danilo Dorota Eleni Elif Emeka Emil "
    "Esperanza Farah Femke Gabriela Goran Greta Hamza Hana Hiroshi Ingrid Isolde Ivo Jamal Jasmin "
    "Jelena Joaquín Jonas Kamala Kasper Keisha Kofi Lakshmi Lars Leila Leonie Lindiwe Lorenzo "
    "Lucía Maeve Magnus Mahmoud Malik Marit Mateo Mei Mirela Moritz Nadia Naledi Nikolai Noor "
    "Olamide Oskar Paloma Pavel Priya Rafael Rania Rasmus Rosalind Ruben Sadia Samir Sanna Selin "
    "Sigrid Simone Soraya Stefan Svetlana Tadeo Tamsin Tariq Thandi Tomasz Uma Valentina Viktor "
    "Wanjiru Xiulan Yara Yusuf Zofia"
)

_LAST = (
    "Abara Achterberg Adeyemi Albrecht Almeida Andersson Anwar Asante Bakker Baptiste Barros "
    "Beaulieu Bergström Bhatt Bianchi Boateng Brandt Cardoso Castellano Chaudhry Dąbrowski Dahl "
    "Delacroix Demir Dimitriou Dogan Duarte Eberhardt Ekström Espinoza Fairweather Farouk Fischer "
    "Fonseca Fujimoto Gallagher Ghosh Greco Grönholm Haddad Hakimi Hartmann Hashimoto Hoekstra "
    "Horvat Ibarra Iyer Jankowska Jarrah Kamau Karlsen Kaya Kessler Kimura Kovač Kowalczyk Kruger "
    "Lindqvist Lombardi Mahlangu Marchetti Mbeki-Lowe Mensah Moreau Mukherjee Nakagawa Ndlovu "
    "Nguyen-Hart Novák O'Brennan Obi Okonjo Olsen Ortega Papadaki Petrović Pinto Quintero Rahimi "
    "Ramaswamy Reinholt Rossi Sandoval Santos Sato Schreiber Sharma Silva Sjöberg Sørensen Tamura "
    "Tanaka Thakur Thorne Underhill Vargas Verhoeven Vogel Wanjala Weiss Winther Yıldız Yoon "
    "Zieliński Zulu"
)

FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(_LAST.split())

PLACES = (
    ("Hamburg", "DE", "Europe/Berlin", "de"),
    ("Leipzig", "DE", "99", "de"),
    ("Lyon", "FR", "Europe/Paris", "fr"),
    ("Gdańsk", "PL", "Europe/Warsaw", "en"),
    ("Porto", "PT", "Europe/Lisbon", "en"),
    ("Nairobi", "KE", "Africa/Nairobi", "en"),
    ("Toronto", "CA", "America/Toronto", "en"),
    ("Osaka", "JP", "Asia/Tokyo", "en"),
)
"""City, country, time zone and language of the eight offices."""
