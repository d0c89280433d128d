using System.Net.WebSockets;
using System.Text;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Messaging;

/// <summary>A client's frame is at most 64 KiB; the server's is at most 512 bytes longer.</summary>
public abstract class FrameSizeTests(NodeFixture fixture)
{
    private const int MaxFrame = 64 * 1024;

    private static long _largest = 9007199254740991;

    [Theory]
    [InlineData(true, "a")]
    [InlineData(false, "a")]
    [InlineData(true, "😀")]
    public async Task A_frame_of_exactly_64_KiB_passes_and_comes_out_at_most_512_bytes_longer_even_with_the_largest_users(bool v1, string filling)
    {
        var bob = Interlocked.Add(ref _largest, -2) + 2;
        var ann = bob - 1;
        await fixture.Node.Rest.AgreeAsync(ann, bob);
        await using var anns = await SocketClient.ConnectAsync(fixture.Node, ann, bob, new Upgrade { V1 = v1 });
        await using var bobs = await SocketClient.ConnectAsync(fixture.Other, bob, ann, new Upgrade { V1 = v1 });

        await anns.SendRawAsync(FrameOf(MaxFrame, filling));

        var came = await bobs.NextAsync("msg");
        Assert.InRange(came.Raw.Length, MaxFrame, MaxFrame + 512);
        Assert.Equal(FrameOf(MaxFrame, filling).Length, came.Text("data").Length + FrameOf(0, "").Length);
    }

    [Theory]
    [InlineData(MaxFrame + 1, true)]
    [InlineData(MaxFrame + 1, false)]
    [InlineData(20 * MaxFrame, true)]
    public async Task One_byte_more_closes_with_1009_and_nothing_of_it_is_stored(int length, bool v1)
    {
        var (ann, bob) = Pairs.Fresh();
        await fixture.Node.Rest.AgreeAsync(ann, bob);
        await using var anns = await SocketClient.ConnectAsync(fixture.Node, ann, bob, new Upgrade { V1 = v1 });

        await anns.SendRawAsync(FrameOf(length, "a"));

        Assert.Equal(1009, await anns.ClosedAsync());
        await using var bobs = await SocketClient.ConnectReadyAsync(fixture.Node, bob, ann);
        Assert.Empty(bobs.Seqs());
    }

    [Fact]
    public async Task A_frame_may_come_in_many_parts()
    {
        var (ann, bob) = Pairs.Fresh();
        await fixture.Node.Rest.AgreeAsync(ann, bob);
        await using var anns = await SocketClient.ConnectReadyAsync(fixture.Node, ann, bob);
        await using var bobs = await SocketClient.ConnectReadyAsync(fixture.Other, bob, ann);
        var whole = Encoding.UTF8.GetBytes(FrameOf(20_001, "a"));

        for (var start = 0; start < whole.Length; start += 997)
        {
            var part = whole.AsMemory(start, Math.Min(997, whole.Length - start));
            await anns.SendRawAsync(part, WebSocketMessageType.Text, endOfMessage: false);
        }

        await anns.SendRawAsync(ReadOnlyMemory<byte>.Empty);

        Assert.Equal(new string('a', 20_001 - FrameOf(0, "").Length), (await bobs.NextAsync("msg")).Text("data"));
    }

    /// <summary>A message whose frame has so many bytes: filled, and then padded where the filling does not fit.</summary>
    private static string FrameOf(int length, string filling)
    {
        const string empty = """{"type":"msg","data":""}""";
        var room = Math.Max(0, length - empty.Length);
        var size = Math.Max(1, Encoding.UTF8.GetByteCount(filling));
        return empty.Insert(empty.Length - 2, string.Concat(Enumerable.Repeat(filling, room / size)) + new string('.', room % size));
    }

    public sealed class OnGarnet(GarnetNode node) : FrameSizeTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNodes nodes) : FrameSizeTests(nodes), IClassFixture<RedisNodes>;
}
