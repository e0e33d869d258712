class Lamp:
	async def switch(self, on):
		return on

	async def blink(self):
		for step in range(3):
			await self.switch(step % 2)  # expect: missing-await certain
