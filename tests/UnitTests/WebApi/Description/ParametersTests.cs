using Im.WebApi.Description;
using Microsoft.OpenApi;

namespace Im.UnitTests.WebApi.Description;

public sealed class ParametersTests
{
    [Fact]
    public void What_a_teams_own_route_calls_something_else_is_left_as_the_route_describes_it()
    {
        var parameter = new OpenApiParameter { Name = "of_a_team", Description = "Theirs." };

        Parameters.Describe(parameter);

        Assert.Equal("Theirs.", parameter.Description);
    }
}
