using System.Text;
using Im.FuzzTests.Engine;
using Im.Infrastructure.Redis.Transport;
using RESPite.Transports;

namespace Im.FuzzTests.Targets;

/// <summary>What the store sends, cut anywhere: frames are measured, publications are taken out, everything else reaches the library.</summary>
internal sealed class StoreStreamTarget : FuzzTarget
{
    /// <summary>So short that one piece never holds more publications than are heard on the reading thread.</summary>
    private const int MaxPiece = 400;

    public override string Name => "store";

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "\r\n", "*", "$", "+OK\r\n", "-ERR\r\n", ":1\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "*1\r\n", "*3\r\n", "$7\r\nmessage\r\n", "$8\r\nsmessage\r\n", "$1\r\nc\r\n", "$0\r\n\r\n", "$+1\r\n", "$01\r\n",
            "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n", "*2147483647\r\n", "$2147483647\r\n", "$67108863\r\n", "$67108864\r\n", "$-0\r\n", ">2\r\n", "_\r\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    // Each reader begins with a buffer, and there are two.
    public override long MaxAllocated(int length) => 131_072 + (200L * length);

    public override int Run(byte[] input)
    {
        var whole = new World();
        var cut = new World();
        Feed(whole, input, _ => MaxPiece);
        var seed = input.Aggregate(2_166_136_261u, (hash, one) => (hash ^ one) * 16_777_619u) | 1;
        Feed(cut, input, at => 1 + (int)((seed * (uint)(at + 1) >> 7) % 23));
        Holds(whole.Passed.SequenceEqual(cut.Passed), "The library gets something else where the bytes are cut elsewhere.");
        Holds(whole.Heard.SequenceEqual(cut.Heard), "Other publications are heard where the bytes are cut elsewhere.");
        Holds(whole.Passed.Count + whole.Heard.Sum(one => one.Length) <= input.Length, "More comes out than went in.");
        return Measure(input) + (Math.Min(whole.Heard.Count, 7) * 4) + (whole.Passed.Count == 0 ? 0 : 32);
    }

    private static int Measure(byte[] input)
    {
        var length = RespFrame.Measure(input);
        Holds(length >= -1 && length <= input.Length, "A frame is longer than the bytes.");
        if (length > 0)
        {
            Holds(RespFrame.Measure(input.AsSpan(0, length)) == length, "A frame's length depends on what comes after it.");
            Holds(RespFrame.Measure(input.AsSpan(0, length - 1)) == 0, "Without its last byte it is no beginning.");
        }

        ReadOnlySpan<byte> rest = input;
        if (RespFrame.TryTakeBulk(ref rest, out var bulk))
        {
            Holds(input.AsSpan(input.Length - rest.Length - 2 - bulk.Length, bulk.Length).SequenceEqual(bulk) && length == input.Length - rest.Length, "A string is taken otherwise than it is measured.");
        }

        return Math.Sign(length) + 1;
    }

    private static void Feed(World world, byte[] input, Func<int, int> piece)
    {
        for (var at = 0; at < input.Length;)
        {
            var length = Math.Min(piece(at), input.Length - at);
            world.Tap.Receive(input.AsSpan(at, length));
            world.Tap.Deliver();
            at += length;
        }
    }

    private sealed class World : Infrastructure.Redis.Transport.PublicationTarget
    {
        private readonly Library _library = new();

        public World() => Tap = new PublicationTap(_library, channel => channel.SequenceEqual("c"u8) ? this : null);

        public PublicationTap Tap { get; }

        public List<byte> Passed => _library.Bytes;

        public List<string> Heard { get; } = [];

        public override void Hear(ReadOnlyMemory<byte> publication) => Heard.Add(Encoding.Latin1.GetString(publication.Span));
    }

    private sealed class Library : TransportReceiver
    {
        public List<byte> Bytes { get; } = [];

        public override bool OnReceived(ReadOnlySpan<byte> payload)
        {
            Bytes.AddRange(payload);
            return true;
        }
    }
}
