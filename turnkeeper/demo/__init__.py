"""The demo data set: documents and products of an invented telecom provider, and questions about them."""

from turnkeeper.demo.files import questions_file as questions_file
from turnkeeper.demo.files import telecom_folder as telecom_folder
