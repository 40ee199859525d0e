"""Reading single bits and Exp-Golomb codes (ISO/IEC 14496-10 section 9.1)."""

from streaming.rtmp.errors import MediaViolation

_MAX_LEADING_ZEROS = 32


class BitReader:
    """Read a byte string from its most significant bit on."""

    def __init__(self, source: bytes) -> None:
        self._value = int.from_bytes(source)
        self._left = len(source) * 8

    def read(self, count: int) -> int:
        """Return the next `count` bits as an unsigned number.

        Raises:
            MediaViolation: fewer bits are left.
        """
        if count > self._left:
            raise MediaViolation("a codec configuration is cut short")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def skip(self, count: int) -> None:
        """Step over bits."""
        self.read(count)

    def unsigned(self) -> int:
        """Read ue(v)."""
        zeros = 0
        while not self.read(1):
            zeros += 1
            if zeros > _MAX_LEADING_ZEROS:
                raise MediaViolation("a codec configuration has an Exp-Golomb code over 32 bits")
        return (1 << zeros) - 1 + self.read(zeros)

    def signed(self) -> int:
        """Read se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)
