import logging

logger = logging.getLogger(__name__)


async def state():
    return "up"


async def tell():
    logger.info("state %s", state())  # expect: missing-await certain
