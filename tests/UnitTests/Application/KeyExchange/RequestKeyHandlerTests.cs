using Im.Application.Contacts;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.KeyExchange;

/// <summary>What one call does at the ports. What the answer waits for is in <see cref="RequestKeyWaitTests"/>.</summary>
public sealed class RequestKeyHandlerTests
{
    private readonly IHandshakeRepository _handshakes = Substitute.For<IHandshakeRepository>();
    private readonly IContactPolicy _contacts = Substitute.For<IContactPolicy>();
    private readonly IOpeningLimit _openings = Substitute.For<IOpeningLimit>();
    private ExchangeCall? _call;

    public RequestKeyHandlerTests()
    {
        _contacts.AllowsAsync(Some.AnnAndBob, Arg.Any<CancellationToken>()).Returns(true);
        TheStoreAnswers(opened: true);
    }

    [Fact]
    public async Task A_call_proposes_a_fresh_key_of_the_configured_size()
    {
        await CallAsync(new RequestKey(Some.Ann, 10, null, null), new KeyExchangeOptions { KeyBytes = 8 });

        Assert.Equal((Some.AnnAndBob, Some.Ann, KeyMode.ServerKey), (_call!.Proposal.Pair, _call.Proposal.OpenedBy, _call.Proposal.Mode));
        Assert.Equal(8, _call.Proposal.Key!.Bytes.Length);
        Assert.True(_call.MayOpen);
    }

    [Fact]
    public async Task A_call_with_a_public_key_proposes_that_one_and_makes_none()
    {
        await CallAsync(new RequestKey(Some.Ann, 10, null, "BAAA"));

        Assert.Equal((KeyMode.PublicKeys, null, "BAAA"), (_call!.Proposal.Mode, _call.Proposal.Key, _call.Proposal.PublicKeyOf(Some.Ann)!.Text));
    }

    [Fact]
    public async Task The_answer_is_what_the_store_has_and_not_the_proposal()
    {
        var stored = TheStoreAnswers(opened: false);

        Assert.Same(stored, (await CallAsync(new RequestKey(Some.Ann, 10, null, null))).Value);
        Assert.NotEqual(stored.Handshake.Key, _call!.Proposal.Key);
    }

    [Fact]
    public async Task A_pair_that_the_contact_policy_forbids_is_refused_before_the_store_is_asked()
    {
        _contacts.AllowsAsync(Some.AnnAndBob, Arg.Any<CancellationToken>()).Returns(false);

        Assert.Equal(Errors.NotPermitted, (await CallAsync(new RequestKey(Some.Ann, 10, null, null))).Error);
        Assert.Empty(_handshakes.ReceivedCalls());
    }

    [Fact]
    public async Task A_caller_at_the_opening_limit_may_still_complete_and_repeat_but_not_open()
    {
        _openings.Reserve(Some.Ann).Returns(TimeSpan.FromSeconds(3));

        Assert.True((await CallAsync(new RequestKey(Some.Ann, 10, null, null))).IsOk);

        Assert.False(_call!.MayOpen);
        _openings.DidNotReceiveWithAnyArgs().Settle(default!, default);
    }

    [Fact]
    public async Task A_refusal_at_the_opening_limit_names_the_wait_that_the_limit_knows()
    {
        _openings.Reserve(Some.Ann).Returns(TimeSpan.FromSeconds(3));
        _handshakes.ExchangeAsync(default!, default).ReturnsForAnyArgs(Errors.RateLimited(TimeSpan.FromMinutes(1)));

        Assert.Equal(Errors.RateLimited(TimeSpan.FromSeconds(3)), (await CallAsync(new RequestKey(Some.Ann, 10, null, null))).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_call_that_opened_counts_as_an_opening(bool opened)
    {
        TheStoreAnswers(opened);

        await CallAsync(new RequestKey(Some.Ann, 10, null, null));

        _openings.Received(1).Settle(Some.Ann, opened);
    }

    [Fact]
    public async Task A_refusal_of_the_store_is_the_answer_and_counts_as_no_opening()
    {
        _handshakes.ExchangeAsync(default!, default).ReturnsForAnyArgs(Errors.KeyModeMismatch);

        Assert.Equal(Errors.KeyModeMismatch, (await CallAsync(new RequestKey(Some.Ann, 10, 30, null))).Error);
        _openings.Received(1).Settle(Some.Ann, opened: false);
    }

    [Fact]
    public async Task A_call_that_ends_without_an_answer_may_have_opened_and_counts()
    {
        _handshakes.ExchangeAsync(default!, default).ReturnsForAnyArgs<Task<Result<ExchangeOutcome>>>(_ => throw new OperationCanceledException());

        await Assert.ThrowsAsync<OperationCanceledException>(() => CallAsync(new RequestKey(Some.Ann, 10, null, null)));
        _openings.Received(1).Settle(Some.Ann, opened: true);
    }

    [Fact]
    public async Task An_opening_is_settled_before_the_answer_is_held_back()
    {
        _handshakes.WaitForCompletionAsync(default!, default!, default, default, default).ReturnsForAnyArgs(_ =>
        {
            _openings.Received(1).Settle(Some.Ann, opened: true);
            return (StoredHandshake?)null;
        });

        Assert.True((await CallAsync(new RequestKey(Some.Ann, 10, 30, null))).IsOk);
    }

    private async Task<Result<StoredHandshake>> CallAsync(RequestKey command, KeyExchangeOptions? options = null)
    {
        using var waits = new KeyWaits();
        return await new RequestKeyHandler(_handshakes, _contacts, _openings, waits, options ?? new KeyExchangeOptions())
            .Handle(command, TestContext.Current.CancellationToken);
    }

    private StoredHandshake TheStoreAnswers(bool opened)
    {
        var stored = new StoredHandshake(Handshake.Open(Some.AnnAndBob, Some.Bob, ImKey.Generate(32)), TimeSpan.FromSeconds(300));
        _handshakes.ExchangeAsync(Arg.Do<ExchangeCall>(call => _call = call), Arg.Any<CancellationToken>()).Returns(new ExchangeOutcome(stored, opened));
        return stored;
    }
}
