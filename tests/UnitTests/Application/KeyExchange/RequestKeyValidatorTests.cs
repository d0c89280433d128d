using Im.Application.KeyExchange;
using Im.Domain;
using Im.UnitTests.Domain;

namespace Im.UnitTests.Application.KeyExchange;

public sealed class RequestKeyValidatorTests
{
    [Theory]
    [InlineData(10L, null, null)]
    [InlineData(1L, 0L, null)]
    [InlineData(UserId.MaxValue, 30L, "BAAA")]
    public void A_well_formed_call_passes(long to, long? wait, string? publicKey) =>
        Assert.Empty(FaultsOf(new RequestKey(Some.Ann, to, wait, publicKey)));

    [Theory]
    [InlineData(null, "The field is required.")]
    [InlineData(0L, "A user id is an integer from 1 to 9007199254740991.")]
    [InlineData(-10L, "A user id is an integer from 1 to 9007199254740991.")]
    [InlineData(UserId.MaxValue + 1, "A user id is an integer from 1 to 9007199254740991.")]
    [InlineData(9L, "Nobody pairs with themselves.")]
    public void The_peer_is_required_and_another_user(long? to, string sentence) =>
        Assert.Equal([("ToUserId", sentence)], FaultsOf(new RequestKey(Some.Ann, to, null, null)));

    [Theory]
    [InlineData(-1L)]
    [InlineData(31L)]
    [InlineData(long.MaxValue)]
    public void The_wait_is_at_most_half_a_minute(long wait) =>
        Assert.Equal([("WaitSeconds", "The wait is 0 to 30 seconds.")], FaultsOf(new RequestKey(Some.Ann, 10, wait, null)));

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AA==")]
    public void A_public_key_is_one_if_it_is_there(string publicKey) =>
        Assert.Equal([("PublicKey", Errors.NotAPublicKey.Message)], FaultsOf(new RequestKey(Some.Ann, 10, null, publicKey)));

    private static IEnumerable<(string, string)> FaultsOf(RequestKey command) =>
        new RequestKeyValidator().Validate(command).Errors.Select(fault => (fault.PropertyName, fault.ErrorMessage));
}
