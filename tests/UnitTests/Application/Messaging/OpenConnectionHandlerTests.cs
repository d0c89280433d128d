using Im.Application.Contacts;
using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace Im.UnitTests.Application.Messaging;

public sealed class OpenConnectionHandlerTests
{
    private static readonly Session Present = new(Some.AnnAndBob, SessionId.Generate());
    private static readonly FoundSession Found = new(Present, Epoch: 3, TimeSpan.FromSeconds(300));
    private readonly ISessionRepository _sessions = Substitute.For<ISessionRepository>();
    private readonly ISessionEvents _events = Substitute.For<ISessionEvents>();
    private readonly IContactPolicy _contacts = Substitute.For<IContactPolicy>();
    private readonly ISessionListener _listener = Substitute.For<ISessionListener>();
    private readonly IAsyncDisposable _subscription = Substitute.For<IAsyncDisposable>();
    private readonly Attached _attached = new(Attachment.Of(Present, Some.Ann, 4), Progress.None);

    public OpenConnectionHandlerTests()
    {
        _contacts.AllowsAsync(Some.AnnAndBob, Arg.Any<CancellationToken>()).Returns(true);
        _sessions.FindAsync(Some.AnnAndBob, Some.Ann, Arg.Any<CancellationToken>()).Returns(Found);
        _sessions.AttachAsync(default!, default!, default, default).ReturnsForAnyArgs(_attached);
        _events.SubscribeAsync(Present, Some.Ann, _listener, Arg.Any<CancellationToken>()).Returns(Result<IAsyncDisposable>.Success(_subscription));
    }

    [Fact]
    public async Task A_connection_is_subscribed_before_it_is_claimed_so_that_nothing_stored_between_is_missed()
    {
        var opened = (await OpenAsync(Present.Id.Hex, seen: 17)).Value;

        Assert.Equal((_attached.Attachment, _attached.Progress, _subscription), (opened.Attachment, opened.Progress, opened.Subscription));
        Received.InOrder(() =>
        {
            _sessions.FindAsync(Some.AnnAndBob, Some.Ann, Arg.Any<CancellationToken>());
            _events.SubscribeAsync(Present, Some.Ann, _listener, Arg.Any<CancellationToken>());
            _sessions.AttachAsync(Found, Some.Ann, 17, Arg.Any<CancellationToken>());
        });
        await _subscription.DidNotReceive().DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_names_no_session_and_no_seq_gets_the_present_one_from_its_start()
    {
        Assert.True((await OpenAsync()).IsOk);

        await _sessions.Received(1).AttachAsync(Found, Some.Ann, 0, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Another_session_than_the_present_one_is_refused_and_nothing_is_subscribed_or_claimed()
    {
        Assert.Equal(Errors.NoSession, (await OpenAsync(SessionId.Generate().Hex)).Error);

        NothingIsSubscribedOrClaimed();
    }

    [Fact]
    public async Task Where_there_is_no_session_nothing_is_subscribed_or_claimed()
    {
        _sessions.FindAsync(default!, default!, default).ReturnsForAnyArgs(Errors.NoSession);

        Assert.Equal(Errors.NoSession, (await OpenAsync()).Error);

        NothingIsSubscribedOrClaimed();
    }

    [Fact]
    public async Task A_pair_that_the_policy_forbids_learns_no_more_than_that_there_is_no_session()
    {
        _contacts.AllowsAsync(Some.AnnAndBob, Arg.Any<CancellationToken>()).Returns(false);

        Assert.Equal(Errors.NoSession, (await OpenAsync()).Error);

        Assert.Empty(_sessions.ReceivedCalls());
        NothingIsSubscribedOrClaimed();
    }

    [Fact]
    public async Task A_subscription_that_the_store_does_not_confirm_claims_nothing()
    {
        _events.SubscribeAsync(default!, default!, default!, default).ReturnsForAnyArgs(Result<IAsyncDisposable>.Failure(Errors.StoreUnavailable));

        Assert.Equal(Errors.StoreUnavailable, (await OpenAsync()).Error);

        await _sessions.DidNotReceiveWithAnyArgs().AttachAsync(default!, default!, default, default);
    }

    [Fact]
    public async Task A_claim_that_is_refused_leaves_no_subscription_behind()
    {
        foreach (var refusal in new[] { Errors.NoSession, Errors.StoreUnavailable, Errors.ConnectionRaced, Errors.SessionLost })
        {
            _subscription.ClearReceivedCalls();
            _sessions.AttachAsync(default!, default!, default, default).ReturnsForAnyArgs(refusal);

            Assert.Equal(refusal, (await OpenAsync()).Error);

            await _subscription.Received(1).DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_during_the_claim_leaves_no_subscription_behind()
    {
        _sessions.AttachAsync(default!, default!, default, default).ThrowsAsyncForAnyArgs(new OperationCanceledException());

        await Assert.ThrowsAsync<OperationCanceledException>(() => OpenAsync());

        await _subscription.Received(1).DisposeAsync();
    }

    private void NothingIsSubscribedOrClaimed()
    {
        Assert.Empty(_events.ReceivedCalls());
        Assert.DoesNotContain(_sessions.ReceivedCalls(), call => call.GetMethodInfo().Name == nameof(ISessionRepository.AttachAsync));
    }

    private Task<Result<OpenedConnection>> OpenAsync(string? session = null, long? seen = null) => new OpenConnectionHandler(_sessions, _events, _contacts)
        .Handle(new OpenConnection(Some.Ann, 10, session, seen, _listener), TestContext.Current.CancellationToken);
}
