using System.Collections.Concurrent;
using System.Text;
using CsCheck;
using Im.Infrastructure.Redis.Transport;
using RESPite.Transports;

namespace Im.UnitTests.Infrastructure.Redis.Transport;

public sealed class PublicationTapTests
{
    private const int Few = 16;

    private static readonly string[] Known = ["im:{1_2}:to:1", "im:{1_2}:to:2", "im:{3_4}:to:3"];

    private static readonly Gen<Frame> AnyFrame = Gen.OneOf(
        Gen.Select(SomeResp.SomeOf(Known), SomeResp.SomeOf("message", "smessage"), Gen.Byte.Array[0, 30], (channel, kind, bytes) => new Frame(channel, bytes, kind)),
        Gen.Select(SomeResp.SomeOf("im:probe", "", "im:{1_2}:to:10"), Gen.Byte.Array[0, 30], (channel, bytes) => Frame.Other(SomeResp.Publication(channel, bytes))),
        Gen.Select(SomeResp.SomeOf("subscribe", "pmessage", "MESSAGE"), (kind) => Frame.Other(SomeResp.Publication(Known[0], [1], kind))),
        Gen.Const(Frame.Other(SomeResp.Array(SomeResp.Bulk("message"u8.ToArray()), SomeResp.Bulk(SomeResp.Bytes(Known[0])), SomeResp.Bytes(":1\r\n")))),
        SomeResp.AnyValue.Select(Frame.Other));

    [Fact]
    public void Wherever_it_is_cut_each_publication_is_heard_once_and_in_order_and_the_library_gets_everything_else() =>
        Gen.Select(AnyFrame.Array[0, 30], Gen.Int[1, 90].Array[1, 20]).Sample((frames, cuts) =>
        {
            var world = new World();
            var stream = frames.SelectMany(frame => frame.Bytes).ToArray();
            for (var (at, i) = (0, 0); at < stream.Length; i++)
            {
                var length = Math.Min(cuts[i % cuts.Length], stream.Length - at);
                Assert.True(world.Tap.Receive(stream.AsSpan(at, length)));
                world.Tap.Deliver();
                at += length;
            }

            return world.Library.Bytes.SequenceEqual(frames.Where(frame => frame.Channel is null).SelectMany(frame => frame.Bytes))
                && Known.All(channel => world.Heard(channel).SequenceEqual(frames.Where(frame => frame.Channel == channel).Select(frame => Convert.ToHexString(frame.Publication))));
        });

    [Fact]
    public void From_what_is_not_of_the_protocol_on_everything_goes_to_the_library()
    {
        var world = new World();
        byte[] strange = [.. "?\r\n"u8, .. SomeResp.Publication(Known[0], [2])];

        world.Tap.Receive(SomeResp.Publication(Known[0], [1]));
        world.Tap.Receive(strange);
        world.Tap.Receive("$5\r\nhal"u8);
        world.Tap.Deliver();

        Assert.Equal(["01"], world.Heard(Known[0]));
        Assert.Equal([.. strange, .. "$5\r\nhal"u8], world.Library.Bytes);
    }

    [Fact]
    public void A_library_that_is_done_gets_nothing_more_of_these_bytes()
    {
        var world = new World { Library = { IsDone = true } };

        Assert.False(world.Tap.Receive([.. "+OK\r\n"u8, .. SomeResp.Publication(Known[0], [1]), .. "+OK\r\n"u8]));

        Assert.Equal("+OK\r\n"u8.ToArray(), world.Library.Bytes.ToArray());
    }

    [Fact]
    public void More_than_a_few_are_shared_with_the_pool_one_channels_in_order_and_none_is_lost()
    {
        const int Each = 50;
        var channels = Enumerable.Range(0, 40).Select(i => $"im:{{{i}_99}}:to:99").ToArray();
        var world = new World(channels);
        world.Tap.Receive([.. Enumerable.Range(0, Each).SelectMany(i => channels.SelectMany(channel => SomeResp.Publication(channel, [(byte)i])))]);

        world.Tap.Deliver();
        var onReader = world.Threads.Count(thread => thread == Environment.CurrentManagedThreadId);
        world.WaitFor(Each * channels.Length);

        Assert.All(channels, channel => Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{i:X2}"), world.Heard(channel)));
        Assert.InRange(onReader, 1, Environment.ProcessorCount > 1 ? (Each * channels.Length) - 1 : int.MaxValue);
    }

    [Fact]
    public void A_few_are_all_heard_on_the_reading_thread()
    {
        var world = new World();
        world.Tap.Receive([.. Enumerable.Range(0, Few).SelectMany(i => SomeResp.Publication(Known[i % Known.Length], [1]))]);
        Assert.Empty(world.Threads);

        world.Tap.Deliver();

        Assert.Equal(Enumerable.Repeat(Environment.CurrentManagedThreadId, Few), world.Threads);
    }

    /// <summary>What the store sends; without a channel if it is not for the tap.</summary>
    private sealed record Frame(string? Channel, byte[] Publication, string Kind)
    {
        public byte[] Bytes { get; private init; } = Channel is null ? [] : SomeResp.Publication(Channel, Publication, Kind);

        public static Frame Other(byte[] bytes) => new(null, [], "") { Bytes = bytes };
    }

    private sealed class World
    {
        private readonly Dictionary<string, Target> _targets;

        public World(params string[] channels)
        {
            _targets = (channels.Length > 0 ? channels : Known).ToDictionary(channel => channel, _ => new Target(this));
            Tap = new PublicationTap(Library, channel => _targets.GetValueOrDefault(Encoding.UTF8.GetString(channel)));
        }

        public PublicationTap Tap { get; }

        public Library Library { get; } = new();

        public ConcurrentQueue<int> Threads { get; } = new();

        public ConcurrentQueue<string> Heard(string channel) => _targets[channel].Publications;

        public void WaitFor(int count) =>
            Assert.True(SpinWait.SpinUntil(() => _targets.Values.Sum(target => target.Publications.Count) >= count, TimeSpan.FromSeconds(15)));

        private sealed class Target(World world) : PublicationTarget
        {
            public ConcurrentQueue<string> Publications { get; } = new();

            public override void Hear(ReadOnlyMemory<byte> publication)
            {
                world.Threads.Enqueue(Environment.CurrentManagedThreadId);
                Publications.Enqueue(Convert.ToHexString(publication.Span));
            }
        }
    }

    private sealed class Library : TransportReceiver
    {
        public List<byte> Bytes { get; } = [];

        public bool IsDone { get; set; }

        public override bool OnReceived(ReadOnlySpan<byte> payload)
        {
            Bytes.AddRange(payload);
            return !IsDone;
        }
    }
}
