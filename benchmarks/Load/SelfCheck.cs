using Im.Load.Clients;
using Im.Load.Measure;
using Im.Load.Report;
using Im.Load.Wire;

namespace Im.Load;

/// <summary>Checks the instruments themselves.</summary>
internal static class SelfCheck
{
    internal static void Run()
    {
        CheckFraming();
        CheckHistogram();
        CheckOrder();
        Expect(Table.Median([3, 1, 2]) == 2 && Table.Median([4, 1, 2, 3]) == 2.5, "the median");
    }

    private static void CheckFraming()
    {
        foreach (var length in new[] { 0, 1, 31, 32, 33, 125, 126, 127, 65_535, 65_536 })
        {
            var payload = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
            var output = new Output();
            Framing.Append(output, Framing.Text, payload, 0x0A0B0C0D);
            var start = output.Length - length;
            var written = output.Written.ToArray();
            Expect(written[0] == 0x81 && (written[1] & 0x80) != 0, $"the head of a frame of {length} bytes");
            for (var i = 0; i < length; i++)
            {
                Expect((written[start + i] ^ written[start - 4 + (i & 3)]) == payload[i], $"the mask of a frame of {length} bytes");
            }

            // As a server would write it: without the mask's bit and the mask.
            byte[] unmasked = [written[0], (byte)(written[1] & 0x7F), .. written[2..(start - 4)], .. payload];
            Expect(Framing.TryRead(unmasked, out var head) && head is { Opcode: Framing.Text, IsFinal: true } && head.Length == length && head.Start == start - 4, $"reading a frame of {length} bytes");
            Expect(!Framing.TryRead(unmasked.AsSpan(..^1), out _), $"a frame of {length} bytes that is not whole");
        }
    }

    private static void CheckHistogram()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 100_000).Select(_ => (long)Math.Exp(random.NextDouble() * 25)).ToArray();
        var histogram = new Histogram();
        Array.ForEach(values, histogram.Record);
        Array.Sort(values);
        foreach (var share in new[] { 0.001, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            var exact = values[(int)Math.Ceiling(share * values.Length) - 1];
            var told = histogram.Percentile(share);
            Expect(told >= exact && told <= exact + (exact / 128) + 1, $"the percentile {share}: {told} for {exact}");
        }

        Expect(histogram.Percentile(1) == values[^1] && histogram.Count == values.Length, "the longest and the count");
    }

    private static void CheckOrder()
    {
        var counter = new Counter();
        var pair = new Pair(7, counter);
        var messages = Enumerable.Range(0, 5).Select(stamp =>
        {
            var data = new byte[64];
            pair.Fill(data, stamp);
            return data;
        }).ToArray();
        pair.Arrive(messages[0], 64);
        pair.Arrive(messages[1], 64);
        Expect(Refuses(pair, messages[1]), "a message that came twice");
        Expect(Refuses(pair, messages[3]), "a message that was lost");
        Expect(Refuses(new Pair(8, counter), messages[0]), "a message of another pair");
        Expect(Refuses(pair, messages[2][..63]), "a message that was cut");
        pair.Arrive(messages[2], 64);
        Expect(counter.Stamps is [0, 1, 2], "the stamps");
    }

    private static bool Refuses(Pair pair, byte[] message)
    {
        try
        {
            pair.Arrive(message, 64);
            return false;
        }
        catch (LoadException)
        {
            return true;
        }
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new LoadException($"The load's own check failed: {what}.");
        }
    }

    private sealed class Counter : IDeliveries
    {
        internal List<long> Stamps { get; } = [];

        public void Delivered(Pair pair, long stamp) => Stamps.Add(stamp);
    }
}
