using System.Reflection;
using System.Text;
using MediatR;

namespace Im.UnitTests.Architecture;

/// <summary>A command that slips into a log or a message of an exception shows nothing that its sender wrote.</summary>
public sealed class SecrecyTests
{
    private const string Marker = "0123secret";

    public static TheoryData<Type> Commands => [.. typeof(Im.Application.AssemblyMarker).Assembly.GetTypes()
        .Where(type => type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IRequest<>)))];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_prints_no_text_and_no_bytes(Type type)
    {
        var command = Filled(type)!;

        Assert.DoesNotContain(Marker, command.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(Marker)), command.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    // By the constructors, private ones too, so that a type of the domain holds the marker wherever it holds text.
    private static object? Filled(Type type) => type switch
    {
        _ when type == typeof(string) => Marker,
        _ when type == typeof(byte[]) => Encoding.UTF8.GetBytes(Marker),
        _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(Marker)),
        _ when Nullable.GetUnderlyingType(type) is { } value => Filled(value),
        _ when type.IsInterface => null,
        _ when type.Namespace?.StartsWith("Im.", StringComparison.Ordinal) == true && !type.IsEnum => FilledByItsConstructor(type),
        _ => Activator.CreateInstance(type),
    };

    private static object FilledByItsConstructor(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(constructor => constructor.GetParameters() is not [var only] || only.ParameterType != type)
            .MaxBy(constructor => constructor.GetParameters().Length)!;
        var filled = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Filled(parameter.ParameterType))]);
        foreach (var property in type.GetProperties().Where(property => property.CanWrite && property.GetValue(filled) is null))
        {
            property.SetValue(filled, Filled(property.PropertyType));
        }

        return filled;
    }
}
