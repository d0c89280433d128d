using Im.Application.Contacts;
using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.Messaging;

public sealed class FindSessionTests
{
    private readonly ISessionRepository _sessions = Substitute.For<ISessionRepository>();
    private readonly IContactPolicy _contacts = Substitute.For<IContactPolicy>();

    public FindSessionTests() => _contacts.AllowsAsync(Some.AnnAndBob, Arg.Any<CancellationToken>()).Returns(true);

    [Fact]
    public async Task A_user_finds_the_session_with_the_other_one()
    {
        var found = new FoundSession(new Session(Some.AnnAndBob, SessionId.Generate()), 0, TimeSpan.FromSeconds(300));
        _sessions.FindAsync(Some.AnnAndBob, Some.Bob, TestContext.Current.CancellationToken).Returns(found);

        Assert.Same(found, (await FindAsync(Some.Bob, 9)).Value);
    }

    [Fact]
    public async Task A_forbidden_pair_gets_the_answer_of_no_session_and_the_store_is_not_asked()
    {
        _contacts.AllowsAsync(Some.AnnAndBob, Arg.Any<CancellationToken>()).Returns(false);

        Assert.Equal(Errors.NoSession, (await FindAsync(Some.Ann, 10)).Error);
        Assert.Empty(_sessions.ReceivedCalls());
    }

    [Fact]
    public void The_peer_is_another_user()
    {
        Assert.Single(new FindSessionValidator().Validate(new FindSession(Some.Ann, 9)).Errors);
        Assert.Single(new FindSessionValidator().Validate(new FindSession(Some.Ann, null)).Errors);
        Assert.Empty(new FindSessionValidator().Validate(new FindSession(Some.Ann, 10)).Errors);
    }

    private Task<Result<FoundSession>> FindAsync(UserId caller, long to) =>
        new FindSessionHandler(_sessions, _contacts).Handle(new FindSession(caller, to), TestContext.Current.CancellationToken);
}
