using Im.WebApi.Wire;

namespace Im.UnitTests.WebApi.Wire;

public sealed class FieldsTests
{
    [Fact]
    public void What_the_address_says_wins_and_what_it_does_not_say_stays()
    {
        var body = Fields.Of(("to_user_id", "7"), ("wait_seconds", "3"));

        var fields = body.With(("to_user_id", "8"), ("session", null));

        Assert.Equal((8, 3, null), (fields.Integer("ToUserId"), fields.Integer("WaitSeconds"), fields.Text("Session")));
    }
}
