using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class ResultTests
{
    [Fact]
    public void A_value_becomes_a_result_that_is_ok()
    {
        Result<int> result = 7;

        Assert.Equal((true, null, 7), (result.IsOk, result.Error, result.Value));
    }

    [Fact]
    public void A_refusal_becomes_a_result_that_is_not_and_asking_for_its_value_is_a_bug()
    {
        Result<int> result = Errors.NoSession;

        Assert.Equal((false, Errors.NoSession), (result.IsOk, result.Error));
        Assert.Throws<InvalidOperationException>(() => result.Value);
    }
}
