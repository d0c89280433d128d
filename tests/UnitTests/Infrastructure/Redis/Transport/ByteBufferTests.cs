using CsCheck;
using Im.Infrastructure.Redis.Transport;

namespace Im.UnitTests.Infrastructure.Redis.Transport;

public sealed class ByteBufferTests
{
    private const int Kept = 1024 * 1024;

    [Fact]
    public void What_was_added_and_not_removed_is_in_it_in_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9_000]).Array[1, 15].Sample(steps =>
        {
            var (buffer, other) = (new ByteBuffer(), new ByteBuffer());
            var expected = new List<byte>();
            var next = (byte)0;
            foreach (var (kind, size) in steps)
            {
                var bytes = Enumerable.Range(0, size).Select(_ => next++).ToArray();
                switch (kind)
                {
                    case 0:
                        buffer.Add(bytes);
                        expected.AddRange(bytes);
                        break;
                    case 1:
                        bytes.CopyTo(buffer.GetMemory(size));
                        buffer.Advance(size);
                        expected.AddRange(bytes);
                        break;
                    case 2:
                        other.Add(bytes);
                        buffer.Take(ref other);
                        expected.AddRange(bytes);
                        Assert.Equal(0, other.Length);
                        break;
                    default:
                        var count = Math.Min(size, expected.Count);
                        buffer.Remove(count);
                        expected.RemoveRange(0, count);
                        break;
                }
            }

            return buffer.Written.Span.SequenceEqual(expected.ToArray()) && buffer.Length == expected.Count;
        });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(100_000, 100_000)]
    public void There_is_always_the_room_that_was_asked_for_and_never_none(int hint, int room)
    {
        var buffer = new ByteBuffer();
        for (var i = 0; i < 4; i++)
        {
            var memory = buffer.GetMemory(hint);
            Assert.True(memory.Length >= room);
            buffer.Advance(memory.Length);
        }
    }

    [Fact]
    public void Room_that_was_large_once_is_given_back()
    {
        var buffer = new ByteBuffer();
        buffer.Add(new byte[Kept + 1]);

        buffer.Remove(Kept + 1);

        Assert.True(buffer.GetMemory(0).Length <= Kept);
    }
}
