/// What Andon is meant for, and what it is not for. The configuration cannot change this; an agreement may narrow it.
package enum PrivacyPurpose {
  package static let intended = [
    "how long workstations, lines and sites work, and how many pieces they make, against the shift calendar",
    "whether cameras and their models can be trusted, and alerts when they cannot",
    "proof that no event was lost on the way from the camera to the figure",
  ]

  package static let notIntended = [
    "judging the work or conduct of single people, their pay, or discipline",
    "recording working time or attendance",
    "decisions about people without a human who is responsible for them",
    "recognizing people, faces, emotions or traits: Andon receives no images and no such fields",
    "safety of people or machines",
  ]
}
