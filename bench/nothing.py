"""The scenario whose start-up is measured: it does nothing."""

from molotov import scenario


@scenario()
async def nothing(session):
    pass
