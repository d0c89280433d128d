using Im.Application.Messaging;
using Im.Domain;
using Im.UnitTests.Domain;
using NSubstitute;

namespace Im.UnitTests.Application.Messaging;

public sealed class OpenConnectionValidatorTests
{
    [Fact]
    public void A_client_says_with_whom_and_may_say_which_session_and_how_much_it_has_seen()
    {
        Assert.Empty(FaultyFields(10, null, null));
        Assert.Empty(FaultyFields(10, SessionId.Generate().Hex, 0));
        Assert.Empty(FaultyFields(10, SessionId.Generate().Hex, UserId.MaxValue));
    }

    [Fact]
    public void All_faulty_fields_are_found_at_once() => Assert.Equal(["ToUserId", "Session", "Seen"], FaultyFields(9, "x", -1));

    [Fact]
    public void A_seq_is_an_integer_that_every_JSON_reader_holds_exactly() => Assert.Equal(["Seen"], FaultyFields(10, null, UserId.MaxValue + 1));

    private static IEnumerable<string> FaultyFields(long? to, string? session, long? seen) => new OpenConnectionValidator()
        .Validate(new OpenConnection(Some.Ann, to, session, seen, Substitute.For<ISessionListener>())).Errors.Select(fault => fault.PropertyName);
}
