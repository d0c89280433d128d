using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.Messaging;

public sealed class CloseConnectionTests
{
    [Fact]
    public async Task A_closed_connection_hears_nothing_more_and_its_peer_is_told()
    {
        var sessions = Substitute.For<ISessionRepository>();
        var subscription = Substitute.For<IAsyncDisposable>();
        var attachment = Attachment.Of(new Session(Some.AnnAndBob, SessionId.Generate()), Some.Ann, 1);
        sessions.DetachAsync(attachment, TestContext.Current.CancellationToken).Returns(new Done());

        var closed = await new CloseConnectionHandler(sessions)
            .Handle(new CloseConnection(new OpenedConnection(attachment, Progress.None, subscription)), TestContext.Current.CancellationToken);

        Assert.True(closed.IsOk);
        Received.InOrder(() =>
        {
            sessions.DetachAsync(attachment, TestContext.Current.CancellationToken);
            subscription.DisposeAsync();
        });
    }
}
