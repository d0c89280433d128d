using Im.UnitTests.Application.Messaging;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>How much waits, for whoever measures it.</summary>
public sealed class DepthTests
{
    [Fact]
    public void A_message_waits_from_when_it_is_known_until_the_socket_takes_it_and_an_answer_until_it_is_given()
    {
        var outgoing = OutgoingTests.Connected(Progress.None with { LastSeq = 2 });
        Assert.Equal((0, 2), outgoing.Depth());

        outgoing.TryAdd(Talk.Page(1, 2, lastSeq: 2), knownBefore: 2);
        outgoing.Offer(Talk.Stored(3, 3));
        outgoing.Add(new(null, null, []));
        Assert.Equal((1, 3), outgoing.Depth());

        outgoing.Say();
        Assert.Equal((0, 0), outgoing.Depth());
    }
}
