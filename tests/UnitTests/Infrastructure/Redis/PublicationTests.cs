using System.Text;
using CsCheck;
using Im.Application.Messaging;
using Im.Domain;
using Im.Infrastructure.Redis;

namespace Im.UnitTests.Infrastructure.Redis;

public sealed class PublicationTests
{
    private static readonly SessionId Session = SessionId.Parse("0123456789abcdef0123456789abcdef").Value;

    [Fact]
    public void Messages_are_read_with_their_seqs_and_bodies_whatever_is_in_them()
    {
        var stored = Assert.IsType<SessionEvent.MessagesStored>(Read("m {0} 5 3,0,6\nab\n, \n3 x\0"));

        Assert.Equal((5, 7), (stored.FirstSeq, stored.LastSeq));
        Assert.Equal(["ab\n", "", ", \n3 x"], stored.Bodies.Select(body => Encoding.UTF8.GetString(body.Span)));
    }

    [Fact]
    public void Every_notice_is_read()
    {
        Assert.Equal(new SessionEvent.Delivered(9007199254740991), Read("d {0} 9007199254740991\n"));
        Assert.Equal(new SessionEvent.PresenceChanged(4, true), Read("p {0} 4 1\n"));
        Assert.Equal(new SessionEvent.PresenceChanged(4, false), Read("p {0} 4 0\n"));
        Assert.Equal(new SessionEvent.TakenOver(5), Read("t {0} 5\n"));
        Assert.Equal(new SessionEvent.SessionOver(Lost: false), Read("e {0} 0\n"));
        Assert.Equal(new SessionEvent.SessionOver(Lost: true), Read("e {0} 1\n"));
        Assert.Equal(new SessionEvent.HandshakeOpened(), Read("h {0}\n"));
        Assert.Equal("ring\n", Encoding.UTF8.GetString(Assert.IsType<SessionEvent.SignalSent>(Read("s {0}\nring\n")).Body.Span));
    }

    [Theory]
    [InlineData("m {0} 5 3\nabc")]
    [InlineData("d {0} 5\n")]
    [InlineData("p {0} 4 1\n")]
    [InlineData("t {0} 5\n")]
    [InlineData("e {0} 0\n")]
    [InlineData("h {0}\n")]
    [InlineData("s {0}\nring")]
    public void What_belongs_to_another_session_is_dropped(string publication)
    {
        Assert.NotNull(Read(publication));

        Assert.Null(Publication.Read(Bytes(publication), SessionId.Generate()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("d")]
    [InlineData("d {0} 5")]
    [InlineData("d {0}\n")]
    [InlineData("d {0} \n")]
    [InlineData("d {0} 5x\n")]
    [InlineData("d {0} 99999999999999999999\n")]
    [InlineData("d {0}5\n")]
    [InlineData("m {0} 5\n")]
    [InlineData("m {0} 5 \n")]
    [InlineData("m {0} 5 4\nabc")]
    [InlineData("m {0} 5 3,1\nabc")]
    [InlineData("m {0} 5 -1\nabc")]
    [InlineData("m {0} 5 ,\nabc")]
    [InlineData("x {0} 5\n")]
    [InlineData("c -\n")]
    public void What_cannot_be_read_is_dropped(string publication) => Assert.Null(Read(publication));

    [Fact]
    public void A_change_of_the_handshake_is_for_those_who_wait_for_it()
    {
        Assert.True(Publication.IsHandshakeChange("c -\n"u8));
        Assert.False(Publication.IsHandshakeChange(Bytes("d {0} 5\n").Span));
        Assert.False(Publication.IsHandshakeChange(""u8));
    }

    [Fact]
    public void Garbage_never_throws() => Gen.Select(
        Gen.Byte.Array[0, 60], Gen.OneOf("mdptehscx".Select(Gen.Const).ToArray()), Gen.OneOf(Words.Select(Gen.Const).ToArray()).Array[0, 12], Gen.Bool)
        .Sample((bytes, kind, words, isBytes) =>
        {
            _ = isBytes ? Publication.Read(bytes, Session) : Read($"{kind} {{0}} {string.Concat(words)}");
        }, iter: 20_000);

    private static string[] Words => ["0", "1", "7", "-", " ", ",", "\n", "9007199254740992", "99999999999999999999", "x", "{0}", "é"];

    private static ReadOnlyMemory<byte> Bytes(string publication) =>
        Encoding.UTF8.GetBytes(publication.Replace("{0}", Session.Hex, StringComparison.Ordinal));

    private static SessionEvent? Read(string publication) => Publication.Read(Bytes(publication), Session);
}
