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
    public async Task A_call_that_repeats_or_completes_is_not_counted()
    {
        _openings.IsLimited.Returns(true);

        Assert.True((await CallAsync(new RequestKey(Some.Ann, 10, null, null))).IsOk);

        Assert.False(_call!.MayOpen);
        await _openings.DidNotReceiveWithAnyArgs().TakeAsync(default!, default);
    }

    [Fact]
    public async Task A_call_that_finds_nothing_is_counted_before_it_opens()
    {
        var opened = TheStoreHasNothing();

        Assert.Same(opened, (await CallAsync(new RequestKey(Some.Ann, 10, null, null))).Value);

        await _openings.Received(1).TakeAsync(Some.Ann, TestContext.Current.CancellationToken);
        Assert.True(_call!.MayOpen);
    }

    [Fact]
    public async Task A_caller_at_the_opening_limit_does_not_open_and_is_told_the_wait_that_the_limit_knows()
    {
        TheStoreHasNothing();
        _openings.TakeAsync(default!, default).ReturnsForAnyArgs(TimeSpan.FromSeconds(3));

        Assert.Equal(Errors.RateLimited(TimeSpan.FromSeconds(3)), (await CallAsync(new RequestKey(Some.Ann, 10, null, null))).Error);
        Assert.False(_call!.MayOpen);
    }

    [Fact]
    public async Task Where_nobody_is_limited_a_call_asks_the_store_once()
    {
        await CallAsync(new RequestKey(Some.Ann, 10, null, null));

        Assert.True(_call!.MayOpen);
        await _handshakes.ReceivedWithAnyArgs(1).ExchangeAsync(default!, default);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_of_the_store_is_the_answer(bool limited)
    {
        _openings.IsLimited.Returns(limited);
        _handshakes.ExchangeAsync(default!, default).ReturnsForAnyArgs(Errors.KeyModeMismatch);

        Assert.Equal(Errors.KeyModeMismatch, (await CallAsync(new RequestKey(Some.Ann, 10, 30, null))).Error);
        await _openings.DidNotReceiveWithAnyArgs().TakeAsync(default!, default);
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

    /// <summary>Only who may open gets anything.</summary>
    private StoredHandshake TheStoreHasNothing()
    {
        _openings.IsLimited.Returns(true);
        var opened = TheStoreAnswers(opened: true);
        _handshakes.ExchangeAsync(Arg.Is<ExchangeCall>(call => !call.MayOpen), Arg.Any<CancellationToken>()).Returns(call =>
        {
            _call = call.Arg<ExchangeCall>();
            return Errors.RateLimited(TimeSpan.FromMinutes(1));
        });
        return opened;
    }
}
