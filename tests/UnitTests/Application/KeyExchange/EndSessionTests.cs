using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.KeyExchange;

public sealed class EndSessionTests
{
    private readonly IHandshakeRepository _handshakes = Substitute.For<IHandshakeRepository>();

    public EndSessionTests() => _handshakes.EndAsync(default!, default, default).ReturnsForAnyArgs(new Done());

    [Fact]
    public async Task Without_a_session_whatever_the_pair_has_is_ended()
    {
        Assert.True((await HandleAsync(new EndSession(Some.Bob, 9, null))).IsOk);

        await _handshakes.Received(1).EndAsync(Some.AnnAndBob, null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task With_a_session_only_that_one_is_ended()
    {
        var session = SessionId.Generate();

        await HandleAsync(new EndSession(Some.Ann, 10, session.Hex));

        await _handshakes.Received(1).EndAsync(Some.AnnAndBob, session, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_said()
    {
        _handshakes.EndAsync(default!, default, default).ReturnsForAnyArgs(Errors.StoreUnavailable);

        Assert.Equal(Errors.StoreUnavailable, (await HandleAsync(new EndSession(Some.Ann, 10, null))).Error);
    }

    [Fact]
    public void The_peer_is_another_user_and_the_session_is_one_if_it_is_there()
    {
        var faults = new EndSessionValidator().Validate(new EndSession(Some.Ann, 9, "short")).Errors;

        Assert.Equal(["ToUserId", "Session"], faults.Select(fault => fault.PropertyName));
        Assert.Empty(new EndSessionValidator().Validate(new EndSession(Some.Ann, 10, null)).Errors);
        Assert.Empty(new EndSessionValidator().Validate(new EndSession(Some.Ann, 10, SessionId.Generate().Hex)).Errors);
    }

    private Task<Result<Done>> HandleAsync(EndSession command) => new EndSessionHandler(_handshakes).Handle(command, TestContext.Current.CancellationToken);
}
