using Im.Client;
using Im.Client.Encryption;
using Im.Client.KeyExchange;
using Im.Client.Messaging;

namespace Im.UnitTests.Client.Messaging;

/// <summary>What a frame of the server does, and which ones end the conversation.</summary>
public sealed class FrameHandlerTests : IDisposable
{
    private const string Session = "5f0c9a7e2b1d4c6f8a3e0b9d7c5a1e42";

    private readonly Parts _parts = new(
        new Agreement(Session, SessionCipher.OfServerKey(new byte[32], Session, 9, 10), KeyMode.ServerKey, IsKeyShort: false),
        9, 10, new ImClientOptions { Server = new Uri("http://im.test") }, _ => { });

    private int _ready;

    [Theory]
    [InlineData(Session, 1)]
    [InlineData("00000000000000000000000000000001", 0)]
    [InlineData(null, 0)]
    public async Task Ready_is_believed_of_this_session_only(string? session, int ready)
    {
        var handling = HandleAsync(Frame("ready") with { Session = session, Seq = 0, LastId = 0, Delivered = 0 });

        if (ready == 0)
        {
            Assert.Equal(ImErrorKind.ProtocolViolation, (await Assert.ThrowsAsync<ImException>(() => handling)).Kind);
        }
        else
        {
            await handling;
        }

        Assert.Equal(ready, _ready);
    }

    [Theory]
    [InlineData("auth", 40100)]
    [InlineData("auth", 50300)]
    [InlineData("ack", 50300)]
    [InlineData("signal", 42900)]
    public async Task A_refusal_that_costs_nothing_ends_nothing(string of, int code) => await HandleAsync(Frame("error") with { Of = of, Code = code });

    [Theory]
    [InlineData("signal", 40002)]
    [InlineData("ack", 40002)]
    [InlineData("msg", 40302)]
    [InlineData(null, 40002)]
    public async Task A_refusal_of_what_is_in_form_ends_the_conversation(string? of, int code) =>
        Assert.Equal(ImErrorKind.ProtocolViolation, (await Assert.ThrowsAsync<ImException>(() => HandleAsync(Frame("error") with { Of = of, Code = code, Id = 1 }))).Kind);

    public void Dispose() => _parts.Dispose();

    private static ServerFrame Frame(string type) => new(type, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    private Task HandleAsync(ServerFrame frame) => new FrameHandler(_parts, () => _ready++).HandleAsync(frame, TestContext.Current.CancellationToken).AsTask();
}
