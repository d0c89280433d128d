using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class SessionTests
{
    private static readonly Session Session = new(Some.AnnAndBob, SessionId.Generate());

    [Fact]
    public void A_connection_knows_the_peer_who_receives_what_it_sends()
    {
        Assert.Equal(Some.Bob, Attachment.Of(Session, Some.Ann, 1).Peer);
        Assert.Equal(Some.Ann, Attachment.Of(Session, Some.Bob, 1).Peer);
    }

    [Fact]
    public void A_stranger_has_no_connection_to_a_session() => Assert.Throws<ArgumentException>(() => Attachment.Of(Session, Some.Eve, 1));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Epochs_count_from_one(long epoch) => Assert.Throws<ArgumentOutOfRangeException>(() => Attachment.Of(Session, Some.Ann, epoch));
}
